"""The root of the errors that a person can mend."""


class RadarError(Exception):
    """Something a person can mend: the message is one line naming what, where and the mend.

    Commands print it without a traceback; anything else that is raised is a fault of ours.
    """
