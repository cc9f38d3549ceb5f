"""What `chaos-guard` answers on a host, as typed data.

Every verb of the guard answers one JSON line, which `hosts.guard_answer` reads as the model of its
verb. A failure (`ok` false) reads as the same model, with
`error` and `hint` in the guard's words. Keys that a newer guard adds are ignored, keys that
an older one lacks get the pessimistic default, so a mixed fleet stays readable.
"""
