"""Objects that are there when a service is warm are left out of later collections."""

import gc

from gen_jax.serve.memory import settle


def test_what_is_there_is_not_looked_at_again():
    before = gc.get_freeze_count()
    lasting = [[] for _ in range(1000)]
    settle()
    try:
        assert gc.get_freeze_count() >= before + len(lasting)
        assert not any(one is lasting for one in gc.get_objects())
    finally:
        gc.unfreeze()
