"""`/API/API.asmx`: the same methods by SOAP 1.1, in the conventions of ASP.NET."""
