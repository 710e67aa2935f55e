"""The forms in which people receive a plan: a page as data, and the same page as Markdown, HTML, workbook, calendar."""
