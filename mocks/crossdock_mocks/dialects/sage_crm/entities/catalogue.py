"""What is sold: products, their families, units and prices."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.sage_crm.entities.columns import YES, Table, together
from crossdock_mocks.sdata import Collection, Resource

_prod, _prfa, _uom, _pric = Table("prod"), Table("prfa"), Table("uom"), Table("pric")

PRODUCT: Final = Resource(
    name="newproduct", kind="Product", key_name="prod_productid", title="{prod_name}",
    label="Product", shows_key=True, key_kind="integer", stamps=_prod.stamped(),
    properties=together(
        _prod.text("name", 100, required=True),
        _prod.text("code", 40, required=True, indexed=True),
        _prod.memo("description"),
        _prod.link("productfamilyid", "productfamily", "ProductFamily"),
        _prod.link("uomid", "uom", "UOM"),
        _prod.flag("active", default=YES),
        _prod.stamps(),
        (Collection("Pricing", "pricing", "pric_productid", owned=True),),
    ),
)  # fmt: skip

FAMILY: Final = Resource(
    name="productfamily", kind="ProductFamily", plural="ProductFamilies",
    key_name="prfa_productfamilyid", title="{prfa_name}", label="Product family", shows_key=True,
    key_kind="integer", stamps=_prfa.stamped(),
    properties=together(
        _prfa.text("name", 60, required=True),
        _prfa.flag("active", default=YES),
        _prfa.stamps(),
        (Collection("NewProduct", "newproduct", "prod_productfamilyid"),),
    ),
)  # fmt: skip

UNIT: Final = Resource(
    name="uom", kind="UnitOfMeasure", plural="UnitsOfMeasure", key_name="uom_uomid",
    title="{uom_name}", label="Unit of measure", shows_key=True, key_kind="integer",
    stamps=_uom.stamped(),
    properties=together(
        _uom.text("name", 40, required=True),
        _uom.number("units", default=1),
        _uom.flag("active", default=YES),
        _uom.stamps(),
    ),
)  # fmt: skip

PRICE: Final = Resource(
    name="pricing", kind="Price", key_name="pric_pricingid", title="{pric_price}", label="Price",
    shows_key=True, key_kind="integer", stamps=_pric.stamped(),
    properties=together(
        _pric.link("productid", "newproduct", "NewProduct", required=True),
        _pric.link("uomid", "uom", "UOM"),
        _pric.link("currency", "currency", "Currency"),
        _pric.number("price", required=True),
        _pric.text("pricinglist", 40),
        _pric.flag("active", default=YES),
        _pric.stamps(),
    ),
)  # fmt: skip
