"""Guards of a CRM that asks nobody before it saves: asked right after, and answered in the CRM."""
