"""The model in torch: causal front end, backbone over the three channels, code head, codec, checkpoints."""
