"""How Hypothesis looks for counter-examples: a busy machine is not one."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("wafa", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
# `make test-fast` tries fewer examples; `make test` all of them.
settings.register_profile("everyday", settings.get_profile("wafa"), max_examples=30)
settings.load_profile(os.environ.get("WAFA_TEST_PROFILE", "wafa"))
