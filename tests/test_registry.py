"""The error of an unknown name helps."""

import pytest

from gen_jax.errors import UserError
from gen_jax.registry import lookup

TABLE = {"dcgan": 1, "conv_vae": 2, "stylegan2": 3}


def test_a_known_name_gives_its_entry():
    assert [lookup(TABLE, name, what="model") for name in TABLE] == [1, 2, 3]


def test_an_unknown_name_is_told_the_nearest_and_all_others_in_one_line():
    with pytest.raises(UserError) as caught:
        lookup(TABLE, "dcgna", what="model")
    assert str(caught.value) == ("unknown model 'dcgna'. Perhaps you meant 'dcgan'. Known: conv_vae, dcgan, stylegan2.")


def test_a_name_like_no_other_gets_the_list_without_a_guess():
    with pytest.raises(UserError) as caught:
        lookup(TABLE, "zzz", what="config")
    assert str(caught.value) == "unknown config 'zzz'. Known: conv_vae, dcgan, stylegan2."
