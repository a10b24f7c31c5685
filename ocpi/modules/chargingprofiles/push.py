"""Charging profiles, push: results, and changes of active profiles (OCPI 2.2.1 §14.4.2)."""

from ocpi.core.modules import pusher
from ocpi.services.results_push import result_push

pusher("chargingprofiles")(result_push)
