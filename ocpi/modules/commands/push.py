"""Commands, push: results of partners' commands (OCPI 2.2.1 §13.2.2)."""

from ocpi.core.modules import pusher
from ocpi.services.results_push import result_push

pusher("commands")(result_push)
