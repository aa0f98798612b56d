"""The door for programs: where stores deliver, and the REST API."""
