"""Our own icons: what to draw on a grid of 24, as SVG path data."""

ICONS: dict[str, str] = {
    "alert": "M12 4 3 19.5h18zM12 10v4.5M12 17.2v.1",
    "back": "M14.5 6 8.5 12l6 6",
    "check": "m5 12.5 4.5 4.5L19 7.5",
    "clock": "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5V12l3 2",
    "close": "m6 6 12 12M18 6 6 18",
    "copy": "M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9",
    "coupon": "M4 7h16v3a2 2 0 0 0 0 4v3H4v-3a2 2 0 0 0 0-4zM14 7v2M14 11v2M14 15v2",
    "deliveries": "M4 13.5 6.5 5h11L20 13.5V19H4zM4 13.5h5l1 2.5h4l1-2.5h5",
    "down": "m6.5 9.5 5.5 5.5 5.5-5.5",
    "download": "M12 4v11M7.5 10.5 12 15l4.5-4.5M5 19.5h14",
    "earn": "M12 4.5v15M4.5 12h15",
    "expire": "M7 3.5h10M7 20.5h10M8 3.5c0 5 8 5.5 8 8.5s-8 3.5-8 8.5M16 3.5c0 5-8 5.5-8 8.5s8 3.5 8 8.5",
    "external": "M14 5h5v5M19 5l-8.5 8.5M16.5 14v5H5V7.5h5",
    "forward": "m9.5 6 6 6-6 6",
    "gift": "M4.5 11.5h15v8h-15zM3.5 8h17v3.5h-17zM12 8v11.5M12 8C9 8 7 7 7.5 5S11 4 12 8c1-4 4-5 4.5-3S15 8 12 8",
    "home": "M4 11 12 4.5 20 11v8.5h-5.5V14h-5v5.5H4z",
    "inbox": "M4.5 5.5h15v13h-15zM4.5 14H9l1 2h4l1-2h4.5",
    "lock": "M6 11h12v8.5H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
    "members": "M9 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M2.5 19.5c0-7 13-7 13 0M16 5a3.2 3.2 0 0 1 0 6"
    "M17.5 14c2.5.5 4 2.3 4 5",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "outbox": "M12 15V4.5M7.5 9 12 4.5 16.5 9M4.5 13.5v6h15v-6",
    "partners": "M8 6a3 3 0 1 0 0 6 3 3 0 0 0 0-6M16 6a3 3 0 1 0 0 6 3 3 0 0 0 0-6"
    "M3 19c0-6 10-6 10 0M15 14.7c3.5-.5 6 1 6 4.3",
    "print": "M7 9V4.5h10V9M7 16H4.5V9h15v7H17M7 13.5h10v6H7z",
    "referrals": "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M2.5 19c0-6 11-6 11 0M18.5 8v7M15 11.5h7",
    "reports": "M4.5 19.5h15M7 16v-4.5M12 16V6M17 16V9",
    "retry": "M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4",
    "returned": "M9 6 4.5 10.5 9 15M4.5 10.5H15a4.5 4.5 0 0 1 0 9h-3",
    "rules": "M5 6.5h8M17 6.5h2M15 4.5v4M5 12h2M11 12h8M9 10v4M5 17.5h6M15 17.5h4M13 15.5v4",
    "search": "M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12M15 15l5 5",
    "sort": "m8 10 4-4 4 4M8 14l4 4 4-4",
    "store": "M5 10v9.5h14V10"
    "M3.5 9 5 4.5h14L20.5 9c0 3-4 3.5-4.25.5-.25 3-4 3-4.25 0-.25 3-4 3-4.25 0C7.5 12.5 3.5 12 3.5 9",
    "use": "M4.5 12h15",
}

# These point along the line of reading and turn round in text from right to left.
TURNING = frozenset({"back", "external", "forward", "returned"})
