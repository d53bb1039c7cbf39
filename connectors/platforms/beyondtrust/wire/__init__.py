"""How an appliance is spoken to: paths and parameters by age, signing in, errors, and names in its XML."""
