"""The cycle: programme, round, application, review, notice, objection, conferral, grant."""
