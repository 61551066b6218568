class CFM:
    pass
