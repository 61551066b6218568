splits = set()
