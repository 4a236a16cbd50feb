"""The reference plugin that takes a quote straight through to the ERP and back to paid."""
