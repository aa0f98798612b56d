"""How Hypothesis looks for counter-examples: a busy machine is not one."""

from hypothesis import HealthCheck, settings

settings.register_profile("wafa", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("wafa")
