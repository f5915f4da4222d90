"""What a training takes, told before it: parameters, memory and time, on this machine or on a named card."""
