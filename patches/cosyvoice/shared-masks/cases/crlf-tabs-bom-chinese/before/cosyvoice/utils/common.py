def mask_to_bias(mask, dtype):
    return (1.0 - mask.to(dtype)) * -1.0e10
