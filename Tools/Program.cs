Console.WriteLine("onnxactnn");
