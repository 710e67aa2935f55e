"""planalloc: a commercial strategy in, one plan per sales rep out."""
