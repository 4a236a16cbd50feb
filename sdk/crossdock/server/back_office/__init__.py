"""What CRMs with a place for a back office are answered, by the plugins of the host.

`saleslogix` speaks the services of SalesLogix's Back Office Extension. The wire is the vendor's
own: options as JSON in a text, and the result as JSON in a text.
"""
