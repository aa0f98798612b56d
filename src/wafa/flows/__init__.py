"""One file per verb of the business. A flow takes a batch, inside its caller's transaction: load, decide, apply."""
