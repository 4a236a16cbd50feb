"""What of OData 4 the service speaks: queries, pages, the model as CSDL."""
