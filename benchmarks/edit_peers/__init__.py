"""The six edits of the benchmark, written as a user of each library would: ``programs(images)``, ``version()``."""
