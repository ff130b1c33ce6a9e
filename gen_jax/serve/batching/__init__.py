"""The way to the accelerator: what is taken on, what runs next, what shares a call, what is measured of it."""
