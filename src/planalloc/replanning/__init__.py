"""Plans that change: the past is closed, promises hold, change is small."""
