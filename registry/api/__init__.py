"""The Registry's REST: enrolment, login and what is registered."""
