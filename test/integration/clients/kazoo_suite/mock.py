"""kazoo 2.8's tests import the old package of this name; Python has had it under another one since 3.3."""

from unittest.mock import *  # noqa: F401,F403
