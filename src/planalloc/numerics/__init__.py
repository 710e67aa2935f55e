"""Pure functions of arrays: apportioning, phasing, fitting, rates and curves, with no word of selling."""
