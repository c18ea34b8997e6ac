"""Arguments of fast commands: small pictures, random weights, two layers."""

QUICK = "--size 32 --weights random --original-weights --style-layers conv1_1,conv2_1 --init noise"


def transfer(iterations, more="-o out.png --snapshot-every 1"):
    """Command of a transfer with the pictures of the fixture ``folder``."""
    return f"transfer p.png a.png {QUICK} --iterations {iterations} {more}"
