"""The host over HTTP: the desk, a small reference CRM in the browser."""
