"""Where words become arrays: the only room that knows both the records and the rows and columns."""
