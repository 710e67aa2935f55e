"""The words of selling: records a person writes, with no arrays and no solver."""
