"""The methods of the API by their subject; each takes the state and a call and gives the whole text of the reply."""
