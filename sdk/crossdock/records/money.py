"""An amount of money: a decimal and its currency, never a float."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from attrs import field, frozen

# Minor units that differ from two digits (ISO 4217, table A.1).
_MINOR_UNITS: Final = {
    "BHD": 3, "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0,
    "KMF": 0, "KRW": 0, "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0,
    "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip


def minor_units(currency: str) -> int:
    """Give the number of decimal places of a currency (ISO 4217); two unless it is an exception."""
    return _MINOR_UNITS.get(currency, 2)


def _currency(_instance: object, _attribute: object, value: str) -> None:
    if not (len(value) == 3 and value.isascii() and value.isupper()):
        raise ValueError(f"a currency is a three-letter ISO 4217 code such as EUR, not {value!r}")


def _decimal(value: Decimal | int | str) -> Decimal:
    if isinstance(value, float):
        raise TypeError(
            "money is never a float: give a Decimal, an int or a string such as '12.50'"
        )
    return Decimal(value)


@frozen(order=False)
class Money:
    """An amount in one currency.

    Arithmetic keeps full precision; call `rounded` where a business rule rounds. Adding or
    comparing amounts of different currencies raises `ValueError`: converting needs a stated rate.
    As text it reads `12,500.00 EUR`, for sentences; a renderer writes it in the reader's locale.

    Attributes:
        amount: the decimal amount; an `int` or `str` is converted, a `float` is refused.
        currency: the ISO 4217 code.
    """

    amount: Decimal = field(converter=_decimal)
    currency: str = field(validator=_currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Give nothing, in `currency`."""
        return cls(Decimal(0), currency)

    def rounded(self) -> Money:
        """Round half up to the currency's minor units (JPY 0, EUR 2, KWD 3)."""
        step = Decimal(1).scaleb(-minor_units(self.currency))
        return Money(self.amount.quantize(step, rounding=ROUND_HALF_UP), self.currency)

    def _same(self, other: Money) -> None:
        if other.currency != self.currency:
            raise ValueError(
                f"cannot combine {self.currency} with {other.currency}: "
                "convert at a stated rate first"
            )

    def __add__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.amount), self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        if isinstance(factor, float):
            raise TypeError("multiply money by a Decimal or an int, never by a float")
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __gt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount > other.amount

    def __ge__(self, other: Money) -> bool:
        self._same(other)
        return self.amount >= other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.amount:,f} {self.currency}"
