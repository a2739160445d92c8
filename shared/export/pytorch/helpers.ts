/** What the code needs beside PyTorch's own layers, by name; each is written where a network uses it. */
export const TORCH_HELPERS = {
  he: `def he(layer, gain=1.0):
    """Draws weights of variance gain^2 2/fan-in (He et al. 2015); biases are 0."""
    return normal(layer, gain * math.sqrt(2 / layer.weight[0].numel()))`,
  lecun: `def lecun(layer, gain=1.0):
    """Draws weights of variance gain^2 / fan-in (LeCun et al. 1998); biases are 0."""
    return normal(layer, gain * math.sqrt(1 / layer.weight[0].numel()))`,
  glorot: `def glorot(layer, gain=1.0):
    """Draws weights of variance gain^2 2/(fan-in + fan-out) (Glorot and Bengio 2010); biases are 0."""
    fan_in, fan_out = layer.weight[0].numel(), layer.weight[:, 0].numel()
    return normal(layer, gain * math.sqrt(2 / (fan_in + fan_out)))`,
  uniform: `def uniform(layer, gain=1.0):
    """Draws weights and biases uniformly on +-gain/sqrt(fan-in), as PyTorch does."""
    bound = gain / math.sqrt(layer.weight[0].numel())
    for parameter in layer.parameters():
        nn.init.uniform_(parameter, -bound, bound)
    return layer`,
  normal: `def normal(layer, deviation):
    nn.init.normal_(layer.weight, std=deviation)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer`,
  standardised: `def standardised(weight, gain):
    """gain (W - mean)/(sd sqrt(fan-in)) of each output unit: scaled weight standardisation (Brock et al. 2021)."""
    rows = weight.flatten(1)
    centred = rows - rows.mean(1, keepdim=True)
    variance = centred.square().mean(1, keepdim=True)
    return (gain * centred / torch.sqrt((variance + 1e-12) * rows.shape[1])).reshape(weight.shape)`,
  shortcut: `def shortcut(x, stride, units):
    """Option A of He et al. 2015: every stride-th position; units filled up with zeros, or dropped."""
    for axis in range(2, x.dim()):
        x = x.index_select(axis, torch.arange(0, x.shape[axis], stride, device=x.device))
    missing = max(0, units - x.shape[1])
    return F.pad(x[:, :units], [0, 0] * (x.dim() - 2) + [0, missing])`,
  Center: `class Center(nn.Module):
    """x less its mean per unit: over the batch in training, over the training samples in evaluation."""

    def __init__(self, units):
        super().__init__()
        self.register_buffer('mean', torch.zeros(units))

    def forward(self, x):
        axes = [0, *range(2, x.dim())]
        mean = x.mean(axes) if self.training else self.mean
        return x - mean.reshape(1, -1, *[1] * (x.dim() - 2))`,
  StochasticDepth: `class StochasticDepth(nn.Module):
    """The branch, with probability keep, in training; keep times the branch in evaluation (Huang et al. 2016)."""

    def __init__(self, keep):
        super().__init__()
        self.keep = keep

    def forward(self, x):
        return x * (float(torch.rand(()) < self.keep) if self.training else self.keep)`,
} as const
