"""Child processes that never outlive their parent, whatever way it ends."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """What subprocess has to run in the child (`preexec_fn`) for it to get this signal when its parent dies.

    The kernel means the thread that started the child: start children from one that lives as long as the process.
    Elsewhere than on Linux nothing happens, and a killed parent leaves its children behind.
    """
    if sys.platform != "linux":
        return lambda: None
    parent = os.getpid()
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel was asked
            os._exit(1)

    return ask_kernel
