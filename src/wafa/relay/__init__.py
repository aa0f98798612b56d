"""What came in and what is to go out: the inbox of deliveries and the outbox of commands."""
