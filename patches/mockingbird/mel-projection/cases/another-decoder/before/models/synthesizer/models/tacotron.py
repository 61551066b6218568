class Decoder:
    def forward(self, x):
        return self.out(x)
