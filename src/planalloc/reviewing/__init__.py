"""What is happening, against the plan, in time to act."""
