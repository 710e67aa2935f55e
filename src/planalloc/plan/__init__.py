"""What came out: tables, one person's plan, and how they are shown and stored."""
