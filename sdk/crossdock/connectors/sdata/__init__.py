"""What connectors to CRMs that speak SData share: Infor CRM (SalesLogix) and Sage CRM.

SData is Sage's protocol of feeds and entries over HTTP (https://github.com/Sage/SData-2.0). Here is
what does not depend on whose dialect it is:

- `access`: Basic authentication; `refusals`: diagnoses as our errors;
- `where`: conditions, written so that no value becomes a part of them;
- `values`, `sheets`: entries read and written by our own words, with what a CRM has no field for
  kept beside it;
- `contract`: feeds and entries; `records`: what is made once and compared before it is written;
- `products`, `lines`, `quoting`, `ordering`: documents; `diary`: activities and timelines;
- `deals`: opportunities; `people`: users; `cases`: of service; `provisioning`: what it lacks;
- `feed`: what changed since an instant.

No vendor is known here: each says in tables of `sheets.Form` what it calls things.
"""
