class UnifiedModelLoader:
    pass
