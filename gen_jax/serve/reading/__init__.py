"""From bytes that strangers send to checked requests and photos."""
