"""Fields that quotes, orders and deals must have by the stage that they are in (C4)."""
