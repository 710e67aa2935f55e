"""What happened: sales, activities and opportunities, matched with a problem's names and dates."""
