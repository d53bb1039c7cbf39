"""What happens after a delivery is stored: understanding it, deciding, and doing the effects."""
